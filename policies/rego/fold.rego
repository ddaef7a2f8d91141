# METADATA
# title: Fold
# description: |
#   Precedence, from below. A clause is seven digits, as text: layer, effect, two flags
#   in one digit, place; the smaller is the stronger. Layers: 1 record bar, 2 process,
#   3 saving, 4 overlay, 5 state, 6 federal permission, 7 agency default, 8 nobody
#   spoke, 9 what is not heard: a lifted bar (91), a requirement of layer N that may
#   hold (9N). Effects: 1 prohibit, 2 review, 3 require, 4 permit.
# scope: package
package sallyport.fold

# METADATA
# title: Layer
# description: The digit of the layer.
layer(clause) := substring(clause, 0, 1)

# METADATA
# title: Effect
# description: The digit of the effect.
effect(clause) := substring(clause, 1, 1)

# METADATA
# title: Flag
# description: |
#   The digit of the flags. Odd if an overlay may change it; 2 more for a permit that
#   needs no person, or for a prohibit that a saving lifts. A prohibit with 4 holds
#   only by what is unknown, and nothing lifts it.
flag(clause) := substring(clause, 2, 1)

# METADATA
# title: Opens
# description: Whether something other than a prohibit is possible.
opens(results) if {
	some result in results
	effect(result) != "1"
}

# METADATA
# title: Between
# description: The clauses from some digits on, up to others.
between(said, low, high) := {p | some p in said; p >= low; p < high}

# METADATA
# title: Folded
# description: |
#   The clause that decides among those that spoke, of which the first is the strongest. A
#   bar that prohibits is stronger than all; without anything above state law there is
#   nothing to fold.
folded(first, said) := first if {
	first < "12"
} else := base(said) if {
	first >= "5"
} else := over(said, base(between(said, "5", "9")))

# METADATA
# title: Over
# description: What overlay, saving, process and bar make of what stands below.
over(said, below) := bar(between(said, "1", "2"), opened) if {
	beside = hindering(said, layer(below))
	narrowed = overlay(between(said, "4", "5"), below, beside)
	saved = saving(between(said, "3", "4"), narrowed, beside | hindering(said, "4"))
	opened = process(between(said, "2", "3"), saved)
}

# METADATA
# title: Hindering
# description: |
#   What keeps a layer's prohibit from being lifted: prohibits that hold only by what is
#   unknown, its reviews, a requirement that may hold (it would be a conflict).
hindering(said, digit) := {p | some p in said; substring(p, 0, 3) in marks} if {
	marks = hinders[digit]
}

# METADATA
# title: Hinders
# description: The first digits of what hinders, by layer.
hinders := {
	"4": {"414", "420", "421", "940"},
	"5": {"514", "520", "521", "950"},
	"6": {"614", "620", "621", "960"},
	"7": {"714", "720", "721", "970"},
	"8": set(),
}

# METADATA
# title: Base
# description: |
#   State law replaces a federal permission, which replaces the default. Prohibit
#   with require in one layer is a conflict of laws, a review by counsel.
base(said) := conflict(min(said)) if {
	opposed(said, min(said))
} else := min(said)

# METADATA
# title: Opposed
# description: Whether a prohibit meets a require in its layer.
opposed(said, clause) if {
	effect(clause) == "1"
	low = concat("", [layer(clause), "3"])
	high = concat("", [layer(clause), "4"])
	count(between(said, low, high)) > 0
}

# METADATA
# title: Conflict
# description: The digits that stand for a conflict in the layer of a clause.
conflict(clause) := concat("", [layer(clause), "200000"])

# METADATA
# title: Overlay
# description: |
#   The strictest local rule narrows what the deciding law lets it narrow, and opens
#   what the deciding law lets it open; nothing else.
overlay(local, below, beside) := min(local) if {
	count(local) > 0
	flag(below) in {"1", "3"}
	changes(min(local), below, beside)
} else := below

# METADATA
# title: Changes
# description: |
#   Whether a local clause closes more than what stands below, opens what is closed and
#   surely so, leaves to a person what only the agency's default closes, or speaks where
#   nobody spoke.
changes(local, below, _) if {
	effect(local) < effect(below)
}

changes(local, below, beside) if {
	effect(local) == "4"
	effect(below) == "1"
	count(beside) == 0
}

changes(local, below, beside) if {
	effect(local) == "2"
	effect(below) == "1"
	below >= "7"
	count(beside) == 0
}

changes(_, below, _) if {
	below >= "8"
}

# METADATA
# title: Saving
# description: |
#   A federal saving turns a prohibit into a permit left to discretion. A review beside
#   the prohibit stays; a prohibit that what is unknown may have made is not lifted.
saving(saved, now, closers) := now if {
	count(saved) == 0
} else := now if {
	not saveable(now)
} else := now if {
	count({p | some p in closers; effect(p) != "2"}) > 0
} else := min(closers) if {
	count(closers) > 0
} else := min(saved)

# METADATA
# title: Saveable
# description: Whether a clause is a prohibit that a saving lifts.
saveable(clause) if {
	effect(clause) == "1"
	flag(clause) in {"2", "3"}
}

# METADATA
# title: Process
# description: |
#   Verified judicial process requires; a paper that one law accepts and another
#   doubts is in doubt. A paper in doubt turns a prohibit into a review, or names who
#   reviews, and lowers nothing.
process(papers, below) := min(papers) if {
	count(papers) > 0
	helps(effect(min(papers)), effect(below))
} else := below

# METADATA
# title: Helps
# description: Whether process opens what stands below.
helps(papers, _) if {
	papers == "3"
}

helps(papers, below) if {
	papers == "2"
	below < "3"
}

# METADATA
# title: Bar
# description: A record bar closes whatever stands below; it never opens.
bar(bars, below) := min(bars) if {
	count(bars) > 0
	shuts(effect(min(bars)), effect(below))
} else := below

# METADATA
# title: Shuts
# description: Whether a bar closes what stands below.
shuts(bars, _) if {
	bars == "1"
}

shuts(bars, below) if {
	bars == "2"
	below != "1"
}
