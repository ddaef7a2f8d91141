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
# description: |
#   The rows in the order of the question. Where another is to get what is asked, it is
#   asked for both, and what closes more stands.
rows := rows_of_requester if {
	not input.recipient
} else := data.sallyport.stricter.rows(
	rows_of_requester,
	rows_for(input.recipient, input.recipient_facts),
)

# METADATA
# title: Rows of requester
# description: The rows for who asks.
rows_of_requester := rows_for(input.requester, input.facts)

# METADATA
# title: Rows for
# description: The rows for one class that is to get the answer, and its facts.
rows_for(party, facts) := [row |
	some ask in input.asks
	node := data.sallyport.place.node(party, ask)
	signatures := data.sallyport.place.signatures(node, ask.categories)
	screen := screened({s | some s in signatures}, data.sallyport.dead.shared(node, ask, facts))
	some signature in signatures
	row := screen[signature]
]

# METADATA
# title: Screened
# description: |
#   One row for each signature. Clauses behind one that surely holds never speak. What is
#   left either waits for no fact, and is decided, or says what is possible. All in one
#   rule: an engine pays for each call, and for each path that it walks.
screened(signatures, false_here) := {signature: row |
	table := data.compiled.clauses
	parts := data.compiled.parts
	behind := data.compiled.later
	pending := data.compiled.pending
	some signature in signatures
	pair := table[signature]
	holding := object.remove(object.union(parts[pair[0]], parts[pair[1]]), false_here)
	waiting := {key: facts | some key, _ in holding; facts := pending[key]}
	later := [clauses | some key, _ in object.remove(holding, waiting); clauses := behind[key]]
	never := object.union_n(later)
	row := settled(object.remove(holding, never), object.remove(waiting, never))
}

# METADATA
# title: Settled
# description: The decision where no record fact matters, else what is possible.
settled(may, waiting) := data.sallyport.fold.decided(said) if {
	count(waiting) == 0
	said := sort([clause | some clause in may])
} else := possible(may, waiting)

# METADATA
# title: Possible
# description: |
#   The clauses that may decide, those that may speak, and the facts needed. A clause
#   is sure if it waits for nothing and stands behind nothing that waits.
possible(may, waiting) := {
	"may": results,
	"said": said,
	"needs": needs(waiting, results),
} if {
	behind := data.compiled.later
	said := sort([clause | some clause in may])
	firm := object.remove(may, waiting)
	later := [clauses | some key, _ in waiting; clauses := behind[key]]
	sure := sort([clause | some clause in object.remove(firm, object.union_n(later))])
	low := bases(said, [p | some p in firm], sure)
	results := sort(outcomes(said, sure, low))
}

# METADATA
# title: Needs
# description: The facts that may settle it; none where it is refused anyway.
needs(waiting, results) := sort(object.keys(object.union_n(each))) if {
	data.sallyport.fold.opens(results)
	each := [facts | some facts in waiting]
} else := []

# METADATA
# title: Bases
# description: |
#   What may stand before overlay, saving, process and bar. A layer with a clause that
#   always ends its rule's walk is not passed; nothing weaker than a certain clause
#   decides; a prohibit that may meet a require in its layer may be a conflict.
bases(said, firm, sure) := array.concat(low, clashes(low, said)) if {
	speaking := [p | some p in firm; p >= 5000000; p < 9000000]
	certain := [p | some p in sure; p >= 5000000]
	stop := (floor(min(speaking) / 1000000) + 1) * 1000000
	most := min(certain)
	low := [p | some p in said; p >= 5000000; p < stop; p <= most]
}

# METADATA
# title: Clashes
# description: The conflicts that are possible, a prohibit with a require of its layer.
clashes(low, said) := [clash |
	some required in said
	floor(required / 100000) % 10 == 3
	some p in low
	floor(p / 100000) == floor(required / 100000) - 2
	clash := data.sallyport.fold.conflict(p)
]

# METADATA
# title: Outcomes
# description: |
#   Every clause that could decide, over all that could speak. Each upper layer turns
#   what may stand below it into what may stand with it.
outcomes(said, sure, low) := barred(said, sure, opened(said, sure, low))

# METADATA
# title: Opened
# description: What overlay, saving and process may make of what stands below.
opened(said, sure, low) := low if {
	middle := [p | some p in said; p >= 2000000; p < 5000000]
	count(middle) == 0
} else := papered(said, sure, saved(said, sure, narrowed(said, sure, low)))

# METADATA
# title: Narrowed
# description: What an overlay may make of what stands below.
narrowed(said, sure, low) := low if {
	count(data.sallyport.fold.between(said, 4000000, 5000000)) == 0
} else := narrowed_by(said, sure, low)

# METADATA
# title: Narrowed by
# description: What overlays that may speak make of what stands below.
narrowed_by(said, sure, low) := {result |
	some local in ways(said, sure, 4000000)
	some below in low
	some beside in besides(said, floor(below / 1000000))
	result := data.sallyport.fold.overlay(local, below, beside)
}

# METADATA
# title: Besides
# description: What may stand beside a prohibit of a layer and hinder; nothing, or one.
besides(said, layer) := array.concat([[]], each) if {
	each := [[p] | some p in data.sallyport.fold.hindering(said, layer)]
}

# METADATA
# title: Saved
# description: What a saving may make of what stands below.
saved(said, sure, low) := low if {
	not lifts(said, low)
} else := saved_by(said, sure, low)

# METADATA
# title: Saved by
# description: What savings that may speak make of what stands below.
saved_by(said, sure, low) := {result |
	some saving in ways(said, sure, 3000000)
	some below in low
	some beside in anywhere(said)
	result := data.sallyport.fold.saving(saving, below, beside)
}

# METADATA
# title: Anywhere
# description: What may hinder a saving in any layer; nothing, or one.
anywhere(said) := array.concat([[]], each) if {
	each := [[p] | some layer in [4, 5, 6, 7]; some p in data.sallyport.fold.hindering(said, layer)]
}

# METADATA
# title: Lifts
# description: Whether a saving may speak and there is something to lift.
lifts(said, low) if {
	count(data.sallyport.fold.between(said, 3000000, 4000000)) > 0
	some below in low
	data.sallyport.fold.saveable(below)
}

# METADATA
# title: Papered
# description: What process may make of what stands below.
papered(said, sure, low) := low if {
	count(data.sallyport.fold.between(said, 2000000, 3000000)) == 0
} else := papered_by(said, sure, low)

# METADATA
# title: Papered by
# description: What process that may speak makes of what stands below.
papered_by(said, sure, low) := {result |
	some papers in ways(said, sure, 2000000)
	some below in low
	result := data.sallyport.fold.process(papers, below)
}

# METADATA
# title: Barred
# description: What record bars may make of what stands below.
barred(said, sure, low) := certainly_barred(said, sure, low) if {
	sure[0] < 2000000
} else := either if {
	lists := [low, bars(said, low)]
	either := {item | some list in lists; some item in list}
}

# METADATA
# title: Certainly barred
# description: What bars make of what stands below, one of which surely speaks.
certainly_barred(said, sure, low) := {result |
	some bar in ways(said, sure, 1000000)
	some below in low
	result := data.sallyport.fold.bar(bar, below)
}

# METADATA
# title: Bars
# description: The bars that may speak and decide; one that reviews needs something open.
bars(said, low) := data.sallyport.fold.between(said, 1000000, 2000000) if {
	data.sallyport.fold.opens(low)
} else := data.sallyport.fold.between(said, 1000000, 1200000)

# METADATA
# title: Ways
# description: What one layer may say, certain clauses alone or with one more.
ways(said, sure, low) := array.concat([always], more) if {
	always := [p | some p in sure; p >= low; p < low + 1000000]
	may := [p | some p in said; p >= low; p < low + 1000000]
	more := with_one_more(may, always)
}

# METADATA
# title: With one more
# description: The certain clauses of a layer with each one that may speak.
with_one_more(may, always) := [ps | some p in may; ps := array.concat([p], always)]
