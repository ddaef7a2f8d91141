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
#   The lists of clauses that reach the categories asked for at a node. A table lists what
#   differs from the many, which stand under a star: words that are no categories too. Who
#   asks knows which may be asked.
signatures(at, ask) := object.filter(data.compiled.category[at], array.concat(["*"], ask.categories))

# METADATA
# title: Signature of
# description: The signature of one category.
signature_of(signatures, category) := object.get(signatures, category, signatures["*"])

# METADATA
# title: Clauses
# description: |
#   The clauses of each signature; where no paper is given those that want none. It has two
#   parts, which others share: what stands below, and what may change it.
clauses(signatures, papers) := {signature: found |
	paperless = data.compiled.paperless
	some signature in signatures
	found = paperless[signature]
} if {
	count(papers) == 0
} else := {signature: found |
	parts = data.compiled.parts
	some signature in signatures
	[under, over] = data.compiled.clauses[signature]
	found = object.union(parts[under], parts[over])
}

# METADATA
# title: Out of force
# description: |
#   Clauses of rules that are not in force on the question's day.
#   A year has the era that it begins in, and the days on which the law changes.
out_of_force := data.compiled.eras[year.era + count(changes)] if {
	year = data.compiled.years[floor(input.day / 10000) - 1900]
	changes = [d | some d in year.days; d <= input.day]
}
