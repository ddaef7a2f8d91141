# METADATA
# title: Spoken
# description: |
#   Which clause of each rule speaks; the first that holds, and no other. A table is
#   named before what goes over it: an engine walks a path each time it meets it.
# scope: package
package sallyport.spoken

# METADATA
# title: First
# description: Of the clauses that hold, the first of each rule; strongest first.
first(holding) := sort(ahead) if {
	table := data.compiled.later
	later := [clauses |
		some key, _ in holding
		clauses := table[key]
	]
	ahead := [p | some p in object.remove(holding, object.union_n(later))]
}

# METADATA
# title: Behind
# description: The clauses that stand behind these in their rules.
behind(holding) := object.union_n(later) if {
	table := data.compiled.later
	later := [clauses |
		some key, _ in holding
		clauses := table[key]
	]
}

# METADATA
# title: Sorted
# description: The numbers of clauses, strongest first.
sorted(clauses) := sort([p | some p in clauses])
