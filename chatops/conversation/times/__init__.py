"""Points in time, days and lengths as people write them: read exactly, or asked about.

Nothing is guessed. What is not understood whole is an error; what is past, does not exist, exists
twice, or could be meant in two ways is an error of its own that offers what could be typed instead.
"""

from chatops.conversation.times.moments import read_day, read_length, read_moment, written
from chatops.conversation.times.questions import (
    PastTime,
    RepeatedTime,
    SkippedTime,
    TwoMeanings,
    WrongWeekday,
)

__all__ = [
    "PastTime",
    "RepeatedTime",
    "SkippedTime",
    "TwoMeanings",
    "WrongWeekday",
    "read_day",
    "read_length",
    "read_moment",
    "written",
]
