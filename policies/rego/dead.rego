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
# title: Words
# description: How a boolean is written as a key.
words := {true: "true", false: "false"}

# METADATA
# title: Shared
# description: What the question's day, request facts and an ask's papers make false.
shared(node, day, ask) := object.union_n(array.concat(
	array.concat(
		array.concat([day], unstated(data.compiled.request[node], input.facts)),
		stated(node, input.facts),
	),
	array.concat(
		compared(node, data.compiled.compare.request[node], input.facts),
		papers(node, ask.facts),
	),
))

# METADATA
# title: Record
# description: What the facts of one record make false.
record(node, facts) := object.union_n(array.concat(
	unstated(data.compiled.record[node], facts),
	array.concat(
		stated(node, facts),
		compared(node, data.compiled.compare.record[node], facts),
	),
))

# METADATA
# title: Category
# description: What the facts of one category of a record make false.
category(node, facts) := object.union_n(array.concat(
	unstated(data.compiled.record_category[node], facts),
	array.concat(
		stated(node, facts),
		compared(node, data.compiled.compare.record_category[node], facts),
	),
))

# METADATA
# title: Unstated
# description: What facts that nobody stated make false, by their defaults.
unstated(defaults, facts) := [dead | some dead in object.remove(defaults, facts)]

# METADATA
# title: Stated
# description: What stated booleans and codes make false.
stated(node, facts) := [dead |
	some fact, value in facts
	values := data.compiled.value[node][fact]
	dead := object.get(values, object.get(words, value, value), values["*"])
]

# METADATA
# title: Compared
# description: What integers and days make false.
compared(node, tests, facts) := [dead |
	some test in tests
	value := object.get(facts, test.fact, test.unstated)
	dead := data.compiled.compared[node][test.id][truth(test, value)]
]

# METADATA
# title: Truth
# description: Whether a comparison is true, false or unknown.
truth(test, value) := "unknown" if {
	value == "unknown"
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
# description: What the papers given, and those not given, make false.
papers(node, facts) := [data.compiled.paperless[node]] if {
	count(facts) == 0
} else := by_papers(node, given(facts))

# METADATA
# title: By papers
# description: What each paper test makes false, satisfied or not.
by_papers(node, presented) := [dead |
	some id, dead_by in data.compiled.paper[node]
	dead := dead_by[object.get(presented, id, "no")]
]

# METADATA
# title: Given
# description: The paper tests that some paper given satisfies.
given(facts) := object.union_n([ids |
	some fact, state in facts
	ids := data.compiled.papers[fact][state]
])
