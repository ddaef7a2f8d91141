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
	node = data.sallyport.place.node(party, ask)
	signatures = data.sallyport.place.signatures(node, ask)
	screen = screened({s | some s in signatures}, ask.facts, data.sallyport.dead.shared(node, ask, facts))
	some signature in signatures
	row = screen[signature]
]

# METADATA
# title: Screened
# description: |
#   One row for each signature. Clauses behind one that surely holds never speak. What is
#   left either waits for no fact, and is decided, or says what is possible. Under stands
#   the law, over it what may change it. All in one rule: an engine pays for each call,
#   and for each path that it walks.
screened(signatures, papers, false_here) := {signature: row |
	compiled = data.compiled
	table = compiled.clauses
	parts = data.sallyport.place.parts(papers)
	behind = compiled.later
	pending = object.keys(compiled.pending)
	gone = object.keys(false_here)
	some signature in signatures
	pair = table[signature]
	under = object.remove(parts[pair[0]], gone)
	over = object.remove(parts[pair[1]], gone)
	holds = object.remove(object.union(under, over), pending)
	later = [clauses | some key, _ in holds; clauses = behind[key]]
	never = object.keys(object.union_n(later))
	row = settled(object.remove(under, never), object.remove(over, never), object.remove(holds, never))
}

# METADATA
# title: Settled
# description: |
#   The decision where no record fact matters, else what is possible. Firm is what waits
#   for none.
settled(under, over, firm) := data.sallyport.fold.decided(said) if {
	count(under) + count(over) == count(firm)
	said = sort([clause | some clause in firm])
} else := possible(under, over, firm)

# METADATA
# title: Possible
# description: |
#   The clauses that may decide, those that may speak, and the facts that may settle it;
#   none where it is refused anyway. A clause is sure if it waits for nothing and stands
#   behind nothing that waits. A layer with a clause that always ends its rule's walk is
#   not passed; nothing weaker than a certain clause decides.
possible(under, over, firm) := {
	"may": outcomes(said, sure, above, stands, open),
	"said": said,
	"needs": sort(needed),
} if {
	compiled = data.compiled
	behind = compiled.later
	pending = compiled.pending
	waiting = object.remove(object.union(under, over), firm)
	later = [clauses | some key, _ in waiting; clauses = behind[key]]
	sure = sort([clause | some clause in object.remove(firm, object.union_n(later))])
	above = sort([clause | some clause in over])
	below = sort([clause | some clause in under])
	said = sort(array.concat(above, below))
	first = min([p | some p in firm; p >= 5000000])
	stop = (first - (first % 1000000)) + 1000000
	last = min(array.concat([stop], [p | some p in sure; p >= 5000000]))
	low = with_conflicts([p | some p in below; p <= last], object.filter(under, compiled.requiring))
	stands = opened(said, sure, low, [p | some p in above; p >= 2000000; p < 5000000])
	open = [p | some p in stands; p % 1000000 >= 200000]
	needed = {fact | count(open) > 0; sure[0] >= 1200000; some key, _ in waiting; some fact, _ in pending[key]}
}

# METADATA
# title: With conflicts
# description: |
#   What may stand, and the conflicts that it may be: a prohibit that may meet a require
#   in its layer.
with_conflicts(low, required) := low if {
	count(required) == 0
} else := sort({p | some list in [low, clashes]; some p in list}) if {
	layers = {layer | some p in required; layer = floor(p / 1000000)}
	clashes = [clash |
		some p in low
		p % 1000000 < 200000
		layers[floor(p / 1000000)]
		clash = data.sallyport.fold.conflict(p)
	]
}

# METADATA
# title: Outcomes
# description: |
#   Every clause that could decide, sorted. Where no bar is sure, those that may speak
#   stand beside what may stand below; one that reviews needs something open.
outcomes(said, sure, above, stands, open) := array.concat([p | some p in above; p < heard], stands) if {
	sure[0] >= 2000000
	heard = object.get({0: 1200000}, count(open), 2000000)
} else := sort(certainly_barred(said, sure, stands))

# METADATA
# title: Opened
# description: |
#   What overlay, saving and process may make of what stands below; mostly there are
#   none.
opened(said, sure, low, changing) := low if {
	count(changing) == 0
} else := sort(papered(said, sure, saved(said, sure, narrowed(said, sure, low, changing), changing), changing))

# METADATA
# title: Narrowed
# description: What an overlay may make of what stands below.
narrowed(said, sure, low, changing) := low if {
	max(changing) < 4000000
} else := narrowed_by(said, sure, low)

# METADATA
# title: Narrowed by
# description: What overlays that may speak make of what stands below.
narrowed_by(said, sure, low) := {result |
	some local in ways(said, sure, 4000000)
	some below in low
	some beside in besides(said, floor(below / 1000000))
	result = data.sallyport.fold.overlay(local, below, beside)
}

# METADATA
# title: Besides
# description: What may stand beside a prohibit of a layer and hinder; nothing, or one.
besides(said, layer) := array.concat([[]], each) if {
	each = [[p] | some p in data.sallyport.fold.hindering(said, layer)]
}

# METADATA
# title: Saved
# description: What a saving may make of what stands below.
saved(said, sure, low, changing) := low if {
	not lifts(low, changing)
} else := saved_by(said, sure, low)

# METADATA
# title: Saved by
# description: What savings that may speak make of what stands below.
saved_by(said, sure, low) := {result |
	some saving in ways(said, sure, 3000000)
	some below in low
	some beside in anywhere(said)
	result = data.sallyport.fold.saving(saving, below, beside)
}

# METADATA
# title: Anywhere
# description: What may hinder a saving in any layer; nothing, or one.
anywhere(said) := array.concat([[]], each) if {
	each = [[p] | some layer in [4, 5, 6, 7]; some p in data.sallyport.fold.hindering(said, layer)]
}

# METADATA
# title: Lifts
# description: Whether a saving may speak and there is something to lift.
lifts(low, changing) if {
	some saving in changing
	saving >= 3000000
	saving < 4000000
	some p in low
	data.sallyport.fold.saveable(p)
}

# METADATA
# title: Papered
# description: What process may make of what stands below.
papered(said, sure, low, changing) := low if {
	min(changing) >= 3000000
} else := papered_by(said, sure, low)

# METADATA
# title: Papered by
# description: What process that may speak makes of what stands below.
papered_by(said, sure, low) := {result |
	some papers in ways(said, sure, 2000000)
	some below in low
	result = data.sallyport.fold.process(papers, below)
}

# METADATA
# title: Certainly barred
# description: What bars make of what stands below, one of which surely speaks.
certainly_barred(said, sure, low) := {result |
	some bar in ways(said, sure, 1000000)
	some below in low
	result = data.sallyport.fold.bar(bar, below)
}

# METADATA
# title: Ways
# description: What one layer may say, certain clauses alone or with one more.
ways(said, sure, low) := array.concat([always], more) if {
	always = [p | some p in sure; p >= low; p < low + 1000000]
	may = [p | some p in said; p >= low; p < low + 1000000]
	more = with_one_more(may, always)
}

# METADATA
# title: With one more
# description: The certain clauses of a layer with each one that may speak.
with_one_more(may, always) := [ps | some p in may; ps = array.concat([p], always)]
