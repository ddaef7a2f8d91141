# METADATA
# title: Stricter
# description: |
#   Of two answers to one question, for who asks and for the recipient that is named,
#   the one that closes more; for all that spoke in either.
# scope: package
package sallyport.stricter

# METADATA
# title: Ranks
# description: How open each outcome is.
ranks := {"withhold": 0, "wait": 1, "release": 2}

# METADATA
# title: Verdicts
# description: Two lists of verdicts as one, place by place; none unless they are alike.
verdicts(ones, others) := found if {
	count(ones) == count(others)
	found := [verdict(one, others[i]) | some i, one in ones]
}

# METADATA
# title: Verdict
# description: What closes more of two verdicts; the first where they close the same.
verdict(one, other) := object.union(one, {"said": together(one.said, other.said)}) if {
	ranks[one.outcome] <= ranks[other.outcome]
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
	found := [row(one, others[i]) | some i, one in ones]
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
	may := [p | some p in {p | some a in choices(one); some b in choices(other); p := clause(a, b)}]
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
	ranks[outcome(one)] <= ranks[outcome(other)]
} else := other

# METADATA
# title: Outcome
# description: What happens where a clause decides.
outcome(clause) := data.sallyport.fold.outcomes[floor(clause / 10000) % 100]
