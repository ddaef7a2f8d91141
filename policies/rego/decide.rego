# METADATA
# title: Decide
# description: Answers a question whose record facts are known or known to be missing.
# scope: package
package sallyport.decide

# METADATA
# title: Answer
# description: |
#   One decision for each record. What is said of each category stands under its
#   signature, so that it is said once for all that the same clauses reach.
# entrypoint: true
answer := {
	"schema": "sallyport.decision/2",
	"revision": data.meta.revision,
	"records": records,
}

# METADATA
# title: Records
# description: |
#   What is said of each record. Where another is to get what is asked, it is asked for
#   both, and what closes more stands. What the requester has of its own, an agreement or
#   a certification, is not the recipient's.
records := [{"asks": asks} |
	groups = asked(input.requester, input.facts)
	some record in input.records
	asks = verdicts(groups, record)
] if {
	not input.recipient
} else := [{"asks": asks} |
	groups = asked(input.requester, input.facts)
	others = asked(input.recipient, input.recipient_facts)
	some record in input.records
	asks = data.sallyport.stricter.both(verdicts(groups, record), verdicts(others, record))
]

# METADATA
# title: Asked
# description: |
#   Each group of asks with its node's tests of facts, the clauses of each signature, and
#   of all those that the request does not make false: looked at once for all records.
asked(party, facts) := [group |
	some ask in input.asks
	node = data.sallyport.place.node(party, ask)
	names = data.compiled.of[node]
	signatures = data.sallyport.place.signatures(node, ask)
	clauses = data.sallyport.place.clauses({s | some s in signatures}, ask.facts)
	tests = data.compiled.tests[names[0]]
	gone = data.sallyport.dead.shared(tests, names[1], ask, facts)
	group = {
		"categories": ask.categories,
		"signatures": signatures,
		"tests": tests,
		"clauses": clauses,
		"left": object.remove(object.union_n([c | some c in clauses]), gone),
	}
]

# METADATA
# title: Verdicts
# description: What is said of one record, group by group.
verdicts(groups, record) := [{"signatures": signatures, "said": said, "own": own} |
	some group in groups
	tests = group.tests
	signatures = group.signatures
	false_here = data.sallyport.dead.by_facts(tests, "record", record.facts)
	said = spoken(group.clauses, group.left, array.concat(false_here, [tests.bare]))
	own = own_verdicts(group, false_here, record.categories)
]

# METADATA
# title: Own verdicts
# description: A verdict by name for each category of which facts are stated.
own_verdicts(group, false_here, stated) := {category: verdict |
	some category, facts in stated
	category in group.categories
	signature = data.sallyport.place.signature_of(group.signatures, category)
	clauses = {signature: group.clauses[signature]}
	also = data.sallyport.dead.by_facts(group.tests, "record_category", facts)
	verdict = spoken(clauses, group.left, array.concat(false_here, also))[signature]
}

# METADATA
# title: Spoken
# description: |
#   One verdict for each signature. Of the clauses that are not false, the first of each
#   rule speaks and no other. A rule's clauses reach the same categories all: so which
#   speak is looked at once for all signatures.
spoken(clauses, left, false_here) := {signature: {"by": by, "said": said} |
	behind = data.compiled.later
	standing = object.remove(left, object.keys(object.union_n(false_here)))
	later = [others | some key, 1 in standing; others = behind[key]]
	speak = object.keys(object.remove(standing, object.union_n(later)))
	some signature, found in clauses
	said = speak & object.keys(found)
	by = data.sallyport.fold.folded(min(said), said)
}
