"""What the chapters of the sample organisation write in their reports. Invented, and in their own words: never translated."""

from bot.domain.reports import Words

CHANGING = (
    "Growing on campus: most of the new people are students.",
    "We moved our meetings to Sundays, and more parents come.",
    "The reading circle has become our biggest event.",
    "Two people who joined in spring now lead meetings.",
    "Fewer at meetings, more at the food bank.",
    "We split into two neighbourhood groups and meet together once a month.",
    "A local paper wrote about us, and twelve people got in touch.",
    "We stopped the stall in the centre: the market works better.",
    "More people come to online meetings than to the room.",
    "We began each meeting with ten minutes of reading aloud, and like it.",
    "The night school wants us back next term.",
    "Older members now call those who have not come for a while.",
    "We are learning to write shorter leaflets.",
    "Our choir has more members than our committee.",
    "Three neighbours asked how to begin a chapter of their own.",
    "We share a room with the tenants' union now.",
    "Everybody now takes a turn at chairing.",
    "We cook together before meetings, and people stay longer.",
    "New members get a partner for their first two months.",
    "The bicycle workshop brings in people who never came before.",
    "We talk less about ourselves and more with the neighbours.",
    "Half of us are new since the summer.",
    "We translate our leaflets into three languages now.",
    "The first members have finished the study course.",
)
HARD = (
    "Our room is small.",
    "Exams: half of us were away.",
    "Nobody wants to keep the accounts.",
    "The same four people do everything.",
    "It is hard to find a time that shift workers can make.",
    "Few women come back after their first meeting; we want to know why.",
    "We planned too much and finished little.",
    "The hall costs more since September.",
    "Long distances: some travel an hour to a meeting.",
    "We find it hard to disagree kindly.",
    "Posters are torn down within a day.",
    "Winter: the last bus leaves at eight.",
)
HELP = (
    "Somebody who has booked rooms at a university.",
    "A speaker on housing, online is fine.",
    "Somebody to look at our leaflet before we print it.",
    "How do other chapters welcome new people?",
    "A projector to borrow for one weekend.",
    "Somebody who can show us how to keep simple accounts.",
)
SKIPPED = "Exams: we agreed to leave this month out."

NEWEST = {
    "London": Words(
        changing="Growing on campus.", hard="Our room is small.", help="Somebody who has booked rooms at a university.",
        private_note="Ben is tired. Could somebody chair in his place for a while?",
    ),
    "Leeds": Words(changing="Our meeting place closed, and we have not found another yet."),
    "Porto": Words(changing="Somos menos do que no verão.", hard="Two of us moved away.", help="A printer."),
    "Wrocław": Words(hard="Our two most active people have started new jobs."),
    "Łódź": Words(changing="Czytamy razem co tydzień i przychodzą nowe osoby.", hard="Mamy za małą salę."),
    "Αθήνα": Words(changing="Two new neighbourhood groups, in Κυψέλη and Πετράλωνα.", help="A speaker on housing, online is fine."),
    "São Paulo": Words(changing="The bakers' strike brought sixty new members.", hard="Nobody wants to keep the accounts."),
    "Montréal": Words(changing="Nos cours du soir sont complets.", help="Who has run a course in two languages at once?"),
}  # fmt: skip
"""What some of them wrote last."""


def of_month(index: int, back: int) -> Words:
    """What the chapter with this number wrote so many reports ago; of one month no two wrote the same."""
    turn = index + 5 * back
    return Words(
        changing=CHANGING[turn % len(CHANGING)] if turn % 5 != 4 else None,
        hard=HARD[turn // 2 % len(HARD)] if turn % 2 else None,
        help=HELP[turn // 4 % len(HELP)] if turn % 4 == 2 else None,
    )
