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
	"10": 0, "11": 0, "12": 0, "13": 0, "14": 0,
	"20": 1, "21": 1,
	"40": 2, "41": 2,
	"30": 3, "42": 3, "43": 3,
}

# METADATA
# title: Rank
# description: How open what a clause comes to is.
rank(clause) := ranks[substring(clause, 1, 2)]

# METADATA
# title: Both
# description: |
#   Two answers as one, group by group; none unless they are alike. What is said of each
#   category is its own.
both(ones, others) := found if {
	count(ones) == count(others)
	found = [group |
		some i, one in ones
		group = {"signatures": {}, "said": {}, "own": own(one, others[i], input.asks[i].categories)}
	]
}

# METADATA
# title: Own
# description: For each category what closes more of what two groups say of it.
own(one, other, categories) := {category: least |
	some category in categories
	least = row(said_of(one, category), said_of(other, category))
}

# METADATA
# title: Said of
# description: What a group says of one category.
said_of(group, category) := object.get(group.own, category, group.said[signature]) if {
	signature = data.sallyport.place.signature_of(group.signatures, category)
}

# METADATA
# title: Row
# description: |
#   Decided if both are, as by what closes more, the first where they close the same;
#   else whatever may come of both, and the facts that settle it, none where it is
#   refused anyway.
row(one, other) := {"by": clause(one.by, other.by), "said": (one.said | other.said)} if {
	one.by
	other.by
} else := {
	"may": may,
	"said": (one.said | other.said),
	"needs": needs(may, pending(one) | pending(other)),
} if {
	may = {least | some a in choices(one); some b in choices(other); least = clause(a, b)}
}

# METADATA
# title: Needs
# description: The facts that may settle it; none where it is refused anyway.
needs(may, facts) := facts if {
	data.sallyport.fold.opens(may)
} else := set()

# METADATA
# title: Pending
# description: The facts that a row waits for.
pending(found) := object.get(found, "needs", set())

# METADATA
# title: Choices
# description: The clauses that may decide a row.
choices(found) := found.may if {
	found.may
} else := {found.by}

# METADATA
# title: Clause
# description: Of two deciding clauses the one that closes more; the first if neither.
clause(one, other) := one if {
	rank(one) <= rank(other)
} else := other
