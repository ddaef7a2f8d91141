# METADATA
# title: Decide
# description: Answers a question whose record facts are known or known to be missing.
# scope: package
package sallyport.decide

# METADATA
# title: Answer
# description: One decision for each record, one verdict for each category asked.
# entrypoint: true
answer := {
	"schema": "sallyport.decision/1",
	"revision": data.meta.revision,
	"records": [decision | some record in input.records; decision = {"asks": decided(record)}],
}

# METADATA
# title: Decided
# description: |
#   The verdicts for one record. Where another is to get what is asked, it is asked for
#   both, and what closes more stands.
decided(record) := verdicts(asked_by_requester, record) if {
	not input.recipient
} else := data.sallyport.stricter.verdicts(
	verdicts(asked_by_requester, record),
	verdicts(asked_for_recipient, record),
)

# METADATA
# title: Asked by requester
# description: What is asked, where the requester stands.
asked_by_requester := asked(input.requester, input.facts)

# METADATA
# title: Asked for recipient
# description: |
#   What is asked, where the recipient that is named stands. What the requester has of
#   its own, an agreement or a certification, is not the recipient's.
asked_for_recipient := asked(input.recipient, input.recipient_facts)

# METADATA
# title: Asked
# description: |
#   Each group of asks with its node's tables of facts, the clauses that the request leaves
#   to each signature, and what is false of a category of which nothing is stated.
asked(party, facts) := [group |
	some ask in input.asks
	node = data.sallyport.place.node(party, ask)
	signatures = data.sallyport.place.signatures(node, ask)
	tests = data.compiled.tests[data.compiled.of[node][0]]
	group = {
		"tests": tests,
		"bare": data.sallyport.dead.category(tests, {}),
		"signatures": signatures,
		"left": left({s | some s in signatures}, ask.facts, data.sallyport.dead.shared(node, ask, facts)),
		"categories": ask.categories,
	}
]

# METADATA
# title: Left
# description: |
#   The clauses of each signature that the request does not make false: looked at once for
#   all records. A signature has two parts, which others share: what stands below, and what
#   may change it.
left(signatures, papers, false_here) := {signature: clauses |
	table = data.compiled.clauses
	parts = data.sallyport.place.parts(papers)
	gone = object.keys(false_here)
	some signature in signatures
	pair = table[signature]
	clauses = object.union(object.remove(parts[pair[0]], gone), object.remove(parts[pair[1]], gone))
}

# METADATA
# title: Verdicts
# description: The verdicts for one record, in the order of the question.
verdicts(groups, record) := [verdict |
	some group in groups
	false_here = data.sallyport.dead.record(group.tests, record.facts)
	common = spoken(group.left, array.concat(false_here, group.bare))
	own = own_verdicts(group, false_here, record.categories)
	some i, signature in group.signatures
	verdict = object.get(own, i, common[signature])
]

# METADATA
# title: Own verdicts
# description: A verdict by place for each category of which facts are stated.
own_verdicts(group, false_here, stated) := {i: verdict |
	some category, facts in stated
	some i, asked_for in group.categories
	asked_for == category
	also = data.sallyport.dead.category(group.tests, facts)
	signature = group.signatures[i]
	verdict = spoken({signature: group.left[signature]}, array.concat(false_here, also))[signature]
}

# METADATA
# title: Spoken
# description: |
#   One verdict for each signature. Of its clauses that are not false, the first of each
#   rule speaks and no other; strongest first. All in one rule: an engine pays for each
#   call, and for each path that it walks.
spoken(left_to, false_here) := {signature: verdict |
	behind = data.compiled.later
	gone = object.keys(object.union_n(false_here))
	some signature, clauses in left_to
	holding = object.remove(clauses, gone)
	later = [others | some key, _ in holding; others = behind[key]]
	said = sort([clause | some clause in object.remove(holding, object.union_n(later))])
	verdict = data.sallyport.fold.decided(said)
}
