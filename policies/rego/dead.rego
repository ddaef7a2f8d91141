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
# description: What the question's day, a party's facts and an ask's papers make false, as keys.
shared(tests, paper_tests, ask, facts) := object.keys(object.union_n(array.concat(false_by, rest))) if {
	false_by = by_facts(tests, "request", facts)
	rest = [data.sallyport.place.out_of_force, papers(paper_tests, ask.facts)]
}

# METADATA
# title: By facts
# description: |
#   What facts of a scope make false: those that are not stated, those that are (booleans
#   as the words that tables have, and codes), integers and days. All in one rule: an
#   engine pays for each call, and for each path that it walks.
by_facts(tests, scope, facts) := array.concat(array.concat(unstated, stated), compared) if {
	unstated = [dead | some dead in object.remove(tests[scope], facts)]
	stated = [dead |
		some fact, value in facts
		values = data.compiled.shared[tests.value[fact]]
		dead = object.get(values, object.get({true: "true", false: "false"}, value, value), values["*"])
	]
	compared = [dead |
		some test in tests.compare[scope]
		value = object.get(facts, test.fact, test.unstated)
		value != ""
		dead = tests.compared[test.id][truth(test, value)]
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
papers(name, facts) := {} if {
	count(facts) == 0
} else := by_papers(data.compiled.paper_tests[name], given(facts))

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
