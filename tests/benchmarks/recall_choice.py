"""How much of 120 lessons is left after a year of one question a day: ours and "due first"."""

import json
import sys
from pathlib import Path
from statistics import mean

# Run as a file, it finds the simulated learner of the tests from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.curriculum.simulated_learner import due_first, ours, year

LEARNERS = 20

if __name__ == "__main__":
    kept = {
        name: mean(year(choose, seed=seed).kept for seed in range(LEARNERS))
        for name, choose in (("ours", ours), ("peer", due_first))
    }
    line = {
        "name": "recall_choice",
        "ours": round(kept["ours"], 3),
        "peer": round(kept["peer"], 3),
        "peer_name": "due first",
        "ratio": round(kept["ours"] / kept["peer"], 2),
        "unit": "share of 120 lessons remembered after a year",
    }
    sys.stdout.write(json.dumps(line) + "\n")
