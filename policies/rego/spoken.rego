# METADATA
# title: Spoken
# description: Which clause of each rule speaks; the first that holds, and no other.
# scope: package
package sallyport.spoken

# METADATA
# title: First
# description: Of the clauses that hold, the first of each rule; strongest first.
first(holding) := sorted(object.remove(holding, behind(holding)))

# METADATA
# title: Behind
# description: The clauses that stand behind these in their rules.
behind(holding) := object.union_n([later |
	some key, _ in holding
	later := data.compiled.later[key]
])

# METADATA
# title: Sorted
# description: The numbers of clauses, strongest first.
sorted(clauses) := sort([p | some p in clauses])
