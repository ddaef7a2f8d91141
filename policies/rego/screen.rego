# METADATA
# title: Screen
# description: |
#   Answers a question whose record facts are pending: what is still possible, and
#   which facts would settle it. Whatever the facts, the decision is one of these.
# scope: package
package sallyport.screen

# METADATA
# title: Answer
# description: One row for each category asked.
# entrypoint: true
answer := {
	"schema": "sallyport.screen/1",
	"revision": data.meta.revision,
	"asks": rows,
}

# METADATA
# title: Rows
# description: The rows in the order of the question.
rows := [row |
	some ask in input.asks
	node := data.sallyport.place.node(ask)
	signatures := data.sallyport.place.signatures(node, ask.categories)
	false_here := data.sallyport.dead.shared(node, data.sallyport.place.out_of_force, ask)
	screened := screened_all({s | some s in signatures}, false_here)
	some signature in signatures
	row := screened[signature]
]

# METADATA
# title: Screened all
# description: One row for each signature.
screened_all(signatures, false_here) := {signature: row |
	some signature in signatures
	holding := object.remove(data.compiled.clauses[signature], false_here)
	may := speaking(holding)
	row := screened(may, waiting(may))
}

# METADATA
# title: Waiting
# description: The clauses that depend on a fact of the record.
waiting(clauses) := {key: facts |
	some key, _ in clauses
	facts := data.compiled.pending[key]
}

# METADATA
# title: Screened
# description: The decision where no record fact matters, else what is possible.
screened(may, pending) := data.sallyport.fold.decided(data.sallyport.spoken.sorted(may)) if {
	count(pending) == 0
} else := possible(may, pending)

# METADATA
# title: Speaking
# description: The clauses that may speak, none of them behind one that surely holds.
speaking(holding) := object.remove(holding, data.sallyport.spoken.behind(firm)) if {
	firm := object.remove(holding, waiting(holding))
}

# METADATA
# title: Possible
# description: The clauses that may decide, those that may speak, and the facts needed.
possible(may, pending) := {
	"may": results,
	"said": said,
	"needs": needs(pending, results),
} if {
	said := data.sallyport.spoken.sorted(may)
	firm := object.remove(may, pending)
	sure := certain(may, firm)
	low := bases(said, data.sallyport.spoken.sorted(firm), sure)
	results := sort(outcomes(said, sure, low))
}

# METADATA
# title: Needs
# description: The facts that may settle it; none where it is refused anyway.
needs(pending, results) := sort(object.keys(object.union_n(values(pending)))) if {
	opens(results)
} else := []

# METADATA
# title: Opens
# description: Whether something other than a prohibit is possible.
opens(results) if {
	some result in results
	data.sallyport.fold.effect(result) != 1
}

# METADATA
# title: Values
# description: The values of an object.
values(of) := [value | some value in of]

# METADATA
# title: Certain
# description: |
#   Clauses that speak whatever the record says, sorted, with none before them in
#   their rule that waits for a fact and may hold.
certain(may, firm) := sort([p |
	some key, p in firm
	not preceded(may, key)
])

# METADATA
# title: Preceded
# description: Whether a clause of the same rule that may hold stands before this one.
preceded(may, key) if {
	some earlier, _ in data.compiled.earlier[key]
	may[earlier]
}

# METADATA
# title: Bases
# description: |
#   What may stand before overlay, saving, process and bar. A layer with a clause that
#   always ends its rule's walk is not passed; nothing weaker than a certain clause
#   decides; a prohibit that may meet a require in its layer may be a conflict.
bases(said, firm, sure) := array.concat(low, clashes(low, said)) if {
	stop := (floor(above(firm) / 1000000) + 1) * 1000000
	low := reachable(said, stop, above(sure))
}

# METADATA
# title: Above
# description: The strongest clause of state law or below; there is always one.
above(clauses) := min([p | some p in clauses; p >= 5000000; p < 9000000])

# METADATA
# title: Reachable
# description: The clauses that no certain one keeps from deciding.
reachable(said, stop, most) := [p |
	some p in said
	p >= 5000000
	p < stop
	p <= most
]

# METADATA
# title: Clashes
# description: The conflicts that are possible.
clashes(low, said) := [clash |
	some p in low
	data.sallyport.fold.opposed(said, p)
	clash := data.sallyport.fold.conflict(p)
]

# METADATA
# title: Outcomes
# description: Every clause that could decide, over all that could speak.
outcomes(said, sure, low) := as_set(low) if {
	said[0] >= 5000000
} else := [said[0]] if {
	said[0] == sure[0]
	said[0] < 1200000
} else := barred(said, sure, low) if {
	count(data.sallyport.fold.between(said, 2000000, 5000000)) == 0
} else := over(said, sure, low)

# METADATA
# title: As set
# description: A list without repetition.
as_set(list) := {item | some item in list}

# METADATA
# title: Barred
# description: What record bars may make of each thing that may stand below.
barred(said, sure, low) := {result |
	some bar in ways(said, sure, 1000000, 2000000)
	some below in low
	result := data.sallyport.fold.bar(bar, below)
}

# METADATA
# title: Over
# description: What all upper layers may make of each thing that may stand below.
over(said, sure, low) := {result |
	some local in ways(said, sure, 4000000, 5000000)
	some saved in ways(said, sure, 3000000, 4000000)
	some papers in ways(said, sure, 2000000, 3000000)
	some bar in ways(said, sure, 1000000, 2000000)
	some below in low
	narrowed := data.sallyport.fold.overlay(local, below)
	opened := data.sallyport.fold.process(papers, data.sallyport.fold.saving(saved, narrowed))
	result := data.sallyport.fold.bar(bar, opened)
}

# METADATA
# title: Ways
# description: What one layer may say, certain clauses alone or with one more.
ways(said, sure, low, high) := array.concat([always], with_one_more(may, always)) if {
	always := data.sallyport.fold.between(sure, low, high)
	may := data.sallyport.fold.between(said, low, high)
}

# METADATA
# title: With one more
# description: The certain clauses of a layer with each one that may speak.
with_one_more(may, always) := [ps | some p in may; ps := array.concat([p], always)]
