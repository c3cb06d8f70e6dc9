"""The papers of a training: notices and hand-outs, for whoever sees it."""

from curriculum import training_events
from curriculum.event_papers import Shelf
from storage import trainings as stored
from storage.trainings import TrainingDocument

SHELF = Shelf(
    "training_paper",
    training_events.read,
    training_events.to_arrange,
    stored.documents,
    lambda event_id, **given: TrainingDocument(event_id=event_id, **given),
    training_events.write_down,
)
