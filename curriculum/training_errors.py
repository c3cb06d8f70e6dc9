"""What can be refused around offline trainings; each class says why, and has its sentence."""

from curriculum.errors import Refusal


class TrainingNotClear(Refusal):
    """A field of a training cannot be used; `field` names it, `limit` says how many letters."""

    code = "training_not_clear"


class TrainingNumberNotClear(TrainingNotClear):
    """What should be a number from 1 to `limit` is none."""

    code = "training_number_not_clear"


class TrainingLines(Refusal):
    """Topics were given in more or fewer than the `wanted` lines there are half days: `found`."""

    code = "training_lines"


class TrainingHours(Refusal):
    """The hours of a day are not one or two spans like 9:30-12:30 that follow one another."""

    code = "training_hours"


class TrainingDates(Refusal):
    """The deadline comes before the first day, and both after today."""

    code = "training_dates"


class TrainingInvited(Refusal):
    """Whom a training is for: `name` is no one unit, cohort or role within reach."""

    code = "training_invited"


class TrainingPlaces(Refusal):
    """Fewer places than people who are registered already (`count`)."""

    code = "training_places"


class TrainingClosed(Refusal):
    """Registration ended with the day `day`."""

    code = "training_closed"


class TrainingBegun(Refusal):
    """It has begun: who comes and what is planned is settled on the spot now."""

    code = "training_begun"


class NobodyInvited(Refusal):
    """Nobody whom this training is for has a chat."""

    code = "nobody_invited"


class TrainingHeard(Refusal):
    """Somebody heard of it already, or the minute is over: it can be cancelled, not taken back."""

    code = "training_heard"


class TrainingUndoTooLate(Refusal):
    """What is more than ten minutes past can be changed again, but not undone."""

    code = "training_undo_too_late"


class TrainingListClosed(Refusal):
    """A week after a half day its list is mended by whoever arranges the training."""

    code = "training_list_closed"


class CertificatesNotYet(Refusal):
    """Certificates are given when the training is over: `at`."""

    code = "certificates_not_yet"


class NobodyEarned(Refusal):
    """Nobody was there long enough who holds no certificate yet."""

    code = "nobody_earned"


class CertificatesUndoTooLate(Refusal):
    """What was issued more than ten minutes ago is revoked one by one, with a reason."""

    code = "certificates_undo_too_late"


class CertificateUndoTooLate(Refusal):
    """What was revoked more than ten minutes ago stays so; another certificate can be given."""

    code = "certificate_undo_too_late"


class TrainingHalfSigned(Refusal):
    """`count` people signed in to a half day: its time stays, and so does it."""

    code = "training_half_signed"


class TrainingHalfLast(Refusal):
    """A training has at least one half day; what does not take place is cancelled."""

    code = "training_half_last"


class TrainingHalfOverlaps(Refusal):
    """Two half days at one time; the other one is about `topic`."""

    code = "training_half_overlaps"


class TrainingHalfFar(Refusal):
    """A training takes at most `days` days and `halves` half days."""

    code = "training_half_far"


class TrainingCertified(Refusal):
    """Certificates say how many minutes there were, so the programme stays as it is."""

    code = "training_certified"


class FeedbackGiven(Refusal):
    """She has said what she thinks; without a name it cannot be found again to be changed."""

    code = "feedback_given"


class FeedbackClosed(Refusal):
    """Feedback is taken for a week after a training."""

    code = "feedback_closed"


class TrainingTestSettled(Refusal):
    """A test stays as it is from the evening before on, when it is first asked."""

    code = "test_settled"


class TrainingTestTooLong(Refusal):
    """A test has at most `limit` questions."""

    code = "test_too_long"


class TrainingTestClosed(Refusal):
    """This part of a test is not open now."""

    code = "test_closed"
