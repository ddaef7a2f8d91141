# METADATA
# title: Screen
# description: |
#   Answers a question whose record facts are pending: what is still possible, and
#   which facts would settle it. Whatever the facts, the decision is one of these.
# scope: package
package sallyport.screen

# METADATA
# title: Answer
# description: What is still possible for each category asked, under its signature.
# entrypoint: true
answer := {
	"schema": "sallyport.screen/2",
	"revision": data.meta.revision,
	"asks": asks,
}

# METADATA
# title: Asks
# description: |
#   What is said of each group of asks. Where another is to get what is asked, it is
#   asked for both, and what closes more stands.
asks := asked_by_requester if {
	not input.recipient
} else := data.sallyport.stricter.both(
	asked_by_requester,
	asked(input.recipient, input.recipient_facts),
)

# METADATA
# title: Asked by requester
# description: What is said where the requester stands.
asked_by_requester := asked(input.requester, input.facts)

# METADATA
# title: Asked
# description: What is said of one class that is to get the answer, and its facts.
asked(party, facts) := [group |
	some ask in input.asks
	node = data.sallyport.place.node(party, ask)
	signatures = data.sallyport.place.signatures(node, ask)
	clauses = data.sallyport.place.clauses({s | some s in signatures}, ask.facts)
	[tests, paper_tests] = data.compiled.of[node]
	gone = data.sallyport.dead.shared(data.compiled.tests[tests], paper_tests, ask, facts)
	group = {
		"signatures": signatures,
		"said": screened(clauses, object.remove(object.union_n([c | some c in clauses]), gone)),
		"own": {},
	}
]

# METADATA
# title: Screened
# description: |
#   One row for each signature, of the clauses that are left of all. Those behind one that
#   surely holds never speak: a rule's clauses reach the same categories all, so this is
#   looked at once for all.
screened(clauses, left) := {signature: row |
	behind = data.compiled.later
	firm = object.remove(left, data.compiled.pending)
	later = [others | some key, 1 in firm; others = behind[key]]
	never = object.union_n(later)
	known = sorted(object.keys(object.remove(left, never)), object.keys(object.remove(firm, never)))
	some signature, found in clauses
	row = settled(known.speak & object.keys(found), known)
}

# METADATA
# title: Sorted
# description: |
#   All clauses that may speak, sorted. Firm is what waits for no fact; sure, what stands
#   behind nothing that waits either. Bars stand over all, the law under it all.
sorted(speak, firm) := {
	"speak": speak,
	"waiting": waiting,
	"firm": firm,
	"sure": firm - object.keys(object.union_n(later)),
	"closed": {p | some p in below; substring(p, 1, 1) == "1"},
	"shut": {p | some p in bars; p < "12"},
	"bars": bars,
	"changing": below - law,
	"law": law,
	"requiring": law & object.keys(data.compiled.requiring),
} if {
	behind = data.compiled.later
	waiting = speak - firm
	later = [others | some key in waiting; others = behind[key]]
	bars = {p | some p in speak; p < "2"}
	below = speak - bars
	law = {p | some p in below; p >= "5"}
}

# METADATA
# title: Settled
# description: The decision where no record fact matters, else what is possible.
settled(said, known) := {"by": by, "said": said} if {
	count(said & known.waiting) == 0
	by = data.sallyport.fold.folded(min(said), said)
} else := possible(said, known)

# METADATA
# title: Possible
# description: |
#   The clauses that may decide, those that may speak, and the facts that may settle it;
#   none where it is refused anyway.
possible(said, known) := {
	"may": outcomes(said, sure, stands, known[open]),
	"said": said,
	"needs": needed(open, sure, said & known.waiting),
} if {
	sure = said & known.sure
	low = lowest(said & known.law, known)
	stands = opened(said, sure, low, said & known.changing)
	open = object.get({0: "shut"}, count(stands - known.closed), "bars")
}

# METADATA
# title: Needed
# description: The facts that clauses wait for; none where it is refused anyway.
needed(open, sure, waiting) := {fact | some clause in waiting; some fact, _ in pending[clause]} if {
	open == "bars"
	min(sure) >= "12"
	pending = data.compiled.pending
} else := set()

# METADATA
# title: Lowest
# description: |
#   What may stand below all that may change it. A layer with a clause that always ends
#   its rule's walk is not passed; nothing weaker than a certain clause decides.
lowest(law, known) := with_conflicts({p | some p in law; p <= last}, law & known.requiring) if {
	layer = substring(min(law & known.firm), 0, 1)
	last = min({concat("", [layer, "9"])} | (law & known.sure))
}

# METADATA
# title: With conflicts
# description: |
#   What may stand, and the conflicts that it may be: a prohibit that may meet a require
#   in its layer.
with_conflicts(low, required) := low if {
	count(required) == 0
} else := low | clashes if {
	layers = {layer | some p in required; layer = substring(p, 0, 1)}
	clashes = {clash |
		some p in low
		substring(p, 1, 1) == "1"
		substring(p, 0, 1) in layers
		clash = data.sallyport.fold.conflict(p)
	}
}

# METADATA
# title: Outcomes
# description: |
#   Every clause that could decide. Where no bar is sure, those that may speak and close
#   stand beside what may stand below; one that reviews needs something open.
outcomes(said, sure, stands, bars) := stands | (said & bars) if {
	min(sure) >= "2"
} else := certainly_barred(said, sure, stands)

# METADATA
# title: Opened
# description: |
#   What overlay, saving and process may make of what stands below; mostly there are
#   none.
opened(said, sure, low, changing) := low if {
	count(changing) == 0
} else := papered(said, sure, saved(said, sure, narrowed(said, sure, low, changing), changing), changing)

# METADATA
# title: Narrowed
# description: What an overlay may make of what stands below.
narrowed(said, sure, low, changing) := low if {
	max(changing) < "4"
} else := narrowed_by(said, sure, low)

# METADATA
# title: Narrowed by
# description: What overlays that may speak make of what stands below.
narrowed_by(said, sure, low) := {result |
	some local in ways(said, sure, "4", "5")
	some below in low
	some beside in besides(said, data.sallyport.fold.layer(below))
	result = data.sallyport.fold.overlay(local, below, beside)
}

# METADATA
# title: Besides
# description: What may stand beside a prohibit of a layer and hinder; nothing, or one.
besides(said, layer) := {set()} | each if {
	each = {one | some p in data.sallyport.fold.hindering(said, layer); one = {p}}
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
	some saving in ways(said, sure, "3", "4")
	some below in low
	some beside in anywhere(said)
	result = data.sallyport.fold.saving(saving, below, beside)
}

# METADATA
# title: Anywhere
# description: What may hinder a saving in any layer; nothing, or one.
anywhere(said) := {set()} | each if {
	each = {one | some p in said; substring(p, 0, 3) in all_hinder; one = {p}}
}

# METADATA
# title: All hinder
# description: The first digits of what hinders in any layer.
all_hinder := {mark | some marks in data.sallyport.fold.hinders; some mark in marks}

# METADATA
# title: Lifts
# description: Whether a saving may speak and there is something to lift.
lifts(low, changing) if {
	count(data.sallyport.fold.between(changing, "3", "4")) > 0
	some p in low
	data.sallyport.fold.saveable(p)
}

# METADATA
# title: Papered
# description: What process may make of what stands below.
papered(said, sure, low, changing) := low if {
	min(changing) >= "3"
} else := papered_by(said, sure, low)

# METADATA
# title: Papered by
# description: What process that may speak makes of what stands below.
papered_by(said, sure, low) := {result |
	some papers in ways(said, sure, "2", "3")
	some below in low
	result = data.sallyport.fold.process(papers, below)
}

# METADATA
# title: Certainly barred
# description: What bars make of what stands below, one of which surely speaks.
certainly_barred(said, sure, low) := {result |
	some bar in ways(said, sure, "1", "2")
	some below in low
	result = data.sallyport.fold.bar(bar, below)
}

# METADATA
# title: Ways
# description: What one layer may say, certain clauses alone or with one more.
ways(said, sure, low, high) := {always} | more if {
	always = data.sallyport.fold.between(sure, low, high)
	more = {way | some p in data.sallyport.fold.between(said, low, high); way = always | {p}}
}
