"""The papers of a visit: letters and hand-outs, for whoever travels with it."""

from curriculum import visit_pages
from curriculum.event_papers import Shelf
from storage import visits as stored
from storage.visits import VisitDocument

SHELF = Shelf(
    "visit_paper",
    visit_pages.read,
    visit_pages.to_arrange,
    stored.documents,
    lambda visit_id, **given: VisitDocument(visit_id=visit_id, **given),
    visit_pages.write_down,
)
