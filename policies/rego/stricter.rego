# METADATA
# title: Stricter
# description: |
#   Of two answers to one question, for who asks and for the recipient that is named,
#   the one that closes more; for all that spoke in either.
# scope: package
package sallyport.stricter

# METADATA
# title: Ranks
# description: |
#   How open what a clause comes to is, by effect and flags: withheld, reviewed,
#   permitted once a person decides so, released.
ranks := {
	10: 0, 11: 0, 12: 0, 13: 0, 14: 0,
	20: 1, 21: 1,
	40: 2, 41: 2,
	30: 3, 42: 3, 43: 3,
}

# METADATA
# title: Rank
# description: How open what a clause comes to is.
rank(clause) := ranks[floor(clause / 10000) % 100]

# METADATA
# title: Verdicts
# description: Two lists of verdicts as one, place by place; none unless they are alike.
verdicts(ones, others) := found if {
	count(ones) == count(others)
	found = [least | some i, one in ones; least = verdict(one, others[i])]
}

# METADATA
# title: Verdict
# description: What closes more of two verdicts; the first where they close the same.
verdict(one, other) := object.union(one, {"said": together(one.said, other.said)}) if {
	rank(one.by) <= rank(other.by)
} else := object.union(other, {"said": together(one.said, other.said)})

# METADATA
# title: Together
# description: The items of two lists, sorted, each once.
together(ones, others) := [item | some item in {p | some p in array.concat(ones, others)}]

# METADATA
# title: Rows
# description: Two lists of a screen's rows as one; none unless they are alike.
rows(ones, others) := found if {
	count(ones) == count(others)
	found = [least | some i, one in ones; least = row(one, others[i])]
}

# METADATA
# title: Row
# description: |
#   Decided if both are; else whatever may come of both, and the facts that settle it,
#   none where it is refused anyway.
row(one, other) := verdict(one, other) if {
	one.by
	other.by
} else := {
	"may": may,
	"said": together(one.said, other.said),
	"needs": needs(may, together(pending(one), pending(other))),
} if {
	may = [p | some p in {least | some a in choices(one); some b in choices(other); least = clause(a, b)}]
}

# METADATA
# title: Needs
# description: The facts that may settle it; none where it is refused anyway.
needs(may, facts) := facts if {
	data.sallyport.fold.opens(may)
} else := []

# METADATA
# title: Pending
# description: The facts that a row waits for.
pending(found) := object.get(found, "needs", [])

# METADATA
# title: Choices
# description: The clauses that may decide a row.
choices(found) := found.may if {
	found.may
} else := [found.by]

# METADATA
# title: Clause
# description: Of two deciding clauses the one that closes more; the first if neither.
clause(one, other) := one if {
	rank(one) <= rank(other)
} else := other
