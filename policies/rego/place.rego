# METADATA
# title: Place
# description: Finds where a question stands in the index and in time.
# scope: package
package sallyport.place

# METADATA
# title: Root
# description: |
#   The part of the index for this custodian, dataset, purpose and each class that is
#   to get the answer: who asks, and the recipient that is named. None for a word that
#   is not in the vocabulary: then there is no answer.
root[party] := data.compiled.purpose[requester][purpose] if {
	some party in {input.requester, object.get(input, "recipient", input.requester)}
	requester := data.compiled.requester[dataset][party]
}

# METADATA
# title: Purpose
# description: The purpose that is stated.
purpose := object.get(input.facts, "purpose", "unknown")

# METADATA
# title: Dataset
# description: The part of the index for this custodian and dataset.
dataset := data.compiled.dataset[data.compiled.custodian[input.custodian]][input.dataset]

# METADATA
# title: Node
# description: The part of the index for one class that gets it, one kind and use.
node(party, ask) := data.compiled.kind[root[party]][ask.kind][ask.use]

# METADATA
# title: Signatures
# description: |
#   For each category the list of clauses that reach it at a node. A table lists what
#   differs from the many, which stand under a star; what is no category of the node has
#   no answer.
signatures(at, categories) := [signature |
	table := data.compiled.category[at]
	stars := data.compiled.star
	some category in categories
	signature := object.get(table, category, table[stars[category]])
]

# METADATA
# title: Out of force
# description: Clauses of rules that are not in force on the question's day.
out_of_force := data.compiled.eras[year.era + count([d | some d in year.days; d <= input.day])]

# METADATA
# title: Year
# description: The era that the question's year begins in, and the days it changes.
year := data.compiled.years[floor(input.day / 10000) - 1900]
