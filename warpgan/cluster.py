"""A training as a job of a cluster: warned of its end, it saves, leaves and is queued again.

    executor = submitit.AutoExecutor("logs", slurm_max_num_timeout=100)
    executor.update_parameters(slurm_partition="gpu", gpus_per_node=4, timeout_min=240, slurm_signal_delay_s=300)
    executor.submit(Training(job, processes=4))

It needs the extra `scale`; notebook 08 explains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warpgan.jobs import Job
from warpgan.launch import launch, stop

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission


class Training:
    """A callable for submitit: trains through `launch` and knows how to be interrupted.

    submitit calls `checkpoint` when the cluster warns that time is up or the machine is wanted by others. The
    processes finish their step and save; then the same training is queued again and goes on from its folder.

    Args:
        job: what to train.
        processes: on the machine, one a GPU.
    """

    def __init__(self, job: Job, processes: int = 1):
        self.job, self.processes = job, processes

    def __call__(self) -> str:
        """Train, or go on, and return the stage's folder; see `launch.launch` for what it raises."""
        return str(launch(self.job, processes=self.processes).folder)

    def checkpoint(self) -> DelayedSubmission:
        """Stop the processes, which save first, and return what submitit shall queue again: this training."""
        from submitit.helpers import DelayedSubmission

        stop()
        return DelayedSubmission(self)
