# METADATA
# title: Place
# description: Finds where a question stands in the index and in time.
# scope: package
package sallyport.place

# METADATA
# title: Node
# description: |
#   The part of the index for this custodian, dataset and purpose, one class that is to
#   get the answer (who asks, or the recipient that is named), one kind and use. Kinds
#   without fields stand in a table beside. None for a word that is not in the
#   vocabulary: then there is no answer.
node(party, ask) := uses[ask.use] if {
	compiled = data.compiled
	dataset = compiled.dataset[compiled.custodian[input.custodian]][input.dataset]
	purpose = object.get(input.facts, "purpose", "unknown")
	table = compiled.purpose[compiled.requester[dataset][party]]
	at = object.get(table, compiled.purposes[purpose], table["*"])
	beside = compiled.apart[compiled.beside[at]]
	uses = object.get(compiled.kind[at], ask.kind, object.get(beside, ask.kind, {}))
}

# METADATA
# title: Signatures
# description: |
#   For each category the list of clauses that reach it at a node. A table lists what
#   differs from the many, which stand under a star; what may not be asked has no
#   answer.
signatures(at, ask) := [signature |
	compiled = data.compiled
	table = compiled.category[at]
	most = table["*"]
	names = compiled.asked[ask.kind][ask.use]
	some category in ask.categories
	signature = object.get(table, names[category], most)
]

# METADATA
# title: Parts
# description: |
#   The clauses of each part of a signature; where no paper is given those that want none.
parts(papers) := data.compiled.paperless if {
	count(papers) == 0
} else := data.compiled.parts

# METADATA
# title: Out of force
# description: |
#   Clauses of rules that are not in force on the question's day.
#   A year has the era that it begins in, and the days on which the law changes.
out_of_force := data.compiled.eras[year.era + count(changes)] if {
	year = data.compiled.years[floor(input.day / 10000) - 1900]
	changes = [d | some d in year.days; d <= input.day]
}
