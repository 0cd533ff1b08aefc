"""Publication: `main` becomes exactly the gated snapshot, or nothing happens."""

from infra.lake import branch
from infra.lake.branch import NotDescendantError
from infra.loop.dataset import Dataset


def publish(dataset: Dataset, run_branch: str, gated_snapshot: int) -> bool:
    """Publish the gated snapshot and drop the run's branch; False where `main` moved meanwhile (plan again).

    What anybody wrote to the branch after the gate is not published: the verdict names a snapshot, not a branch.
    """
    try:
        branch.publish(dataset.lake, dataset.name, gated_snapshot)
    except NotDescendantError:
        return False
    finally:
        branch.drop(dataset.lake, dataset.name, run_branch)
    return True
