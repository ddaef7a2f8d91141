# METADATA
# title: Dead
# description: |
#   Which clauses do not hold. Each value of a fact makes some clauses false; a value
#   that is not known makes those false that need it (they permit or require) and
#   leaves those standing that close. All of it is looked up, nothing is computed but
#   comparisons of numbers.
# scope: package
package sallyport.dead

# METADATA
# title: Shared
# description: What the question's day, a party's facts and an ask's papers make false.
shared(node, ask, facts) := object.union_n(array.concat(false_by, rest)) if {
	compiled = data.compiled
	names = compiled.of[node]
	tests = compiled.tests[names[0]]
	false_by = by_facts(tests, tests.request, tests.compare.request, facts)
	rest = [data.sallyport.place.out_of_force, papers(compiled.paper_tests[names[1]], ask.facts)]
}

# METADATA
# title: Record
# description: What each fact of one record makes false.
record(tests, facts) := by_facts(tests, tests.record, tests.compare.record, facts)

# METADATA
# title: Category
# description: What each fact of one category of a record makes false.
category(tests, facts) := by_facts(tests, tests.record_category, tests.compare.record_category, facts)

# METADATA
# title: By facts
# description: |
#   What facts make false: those that are not stated, those that are (booleans as the
#   words that tables have, and codes), integers and days. All in one rule: an engine
#   pays for each call, and for each path that it walks.
by_facts(tests, defaults, comparisons, facts) := array.concat(array.concat(unstated, stated), compared) if {
	tables = data.compiled.shared
	names = tests.value
	truths = tests.compared
	words = {true: "true", false: "false"}
	unstated = [dead | some dead in object.remove(defaults, facts)]
	stated = [dead |
		some fact, value in facts
		values = tables[names[fact]]
		dead = object.get(values, object.get(words, value, value), values["*"])
	]
	compared = [dead |
		some test in comparisons
		value = object.get(facts, test.fact, test.unstated)
		dead = truths[test.id][truth(test, value)]
	]
}

# METADATA
# title: Truth
# description: |
#   Whether a comparison is true, false or unknown. Counted in years back from the
#   question's day, a day that has not come yet says nothing.
truth(test, value) := "unknown" if {
	value == "unknown"
} else := "unknown" if {
	test.years
	value > input.day
} else := "true" if {
	comparison(test, value)
} else := "false"

# METADATA
# title: Comparison
# description: Whether a number stands to the test's bound as the test says.
comparison(test, value) if {
	test.op == "lt"
	value < bound(test)
}

comparison(test, value) if {
	test.op == "ge"
	value >= bound(test)
}

comparison(test, value) if {
	test.op == "gt"
	value > bound(test)
}

comparison(test, value) if {
	test.op == "le"
	value <= bound(test)
}

comparison(test, value) if {
	test.op == "eq"
	value == bound(test)
}

comparison(test, value) if {
	test.op == "ne"
	value != bound(test)
}

# METADATA
# title: Bound
# description: |
#   The number compared with; a number of years counts back from the question's day,
#   YYYYMMDD less years times 10000, compared as integers.
bound(test) := test.bound if {
	not test.years
} else := input.day - (test.bound * 10000)

# METADATA
# title: Papers
# description: |
#   What the papers given, and those not given, make false; where none is given, parts hold
#   no clause that wants one.
papers(tests, facts) := {} if {
	count(facts) == 0
} else := by_papers(tests, given(facts))

# METADATA
# title: By papers
# description: What tests make false that no paper satisfies, or that one should not.
by_papers(tests, satisfied) := object.union_n(array.concat(wanting, unwanted)) if {
	wanting = [dead | some dead in object.remove(data.compiled.shared[tests.wanted], satisfied)]
	unwanted = [dead | some id, _ in satisfied; dead = tests.unwanted[id]]
}

# METADATA
# title: Given
# description: The paper tests that some paper given satisfies.
given(facts) := object.union_n([ids |
	some fact, state in facts
	ids = data.compiled.papers[fact][state]
])
