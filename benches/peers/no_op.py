"""The steps that do nothing, in Python: `no_op.py time SECONDS CASE..` or `no_op.py calls CASE..`.

A case is `u64-3-success`, as in `src/case.rs`. `time` prints for each the nanoseconds of a run, the median
of ten samples that take SECONDS together; `calls` prints each call and the end, as the test reads them.
"""

import asyncio
import statistics
import sys
import time

from saga import OrchestrationBuilder, SagaError

INPUT = 7


class Refused(Exception):
    pass


class Steps:
    """The service. Outputs are an int, or a list of 32 of them."""

    def __init__(self, case, note=None):
        output, steps, end = case.split("-")
        self.block, self.steps, self.note = output == "256_bytes", int(steps), note
        self.refuses = self.steps - 1 if end == "failure" else None
        self.input = [INPUT] * 32 if self.block else INPUT

    def step(self, index):
        async def action(previous):
            if self.note:
                self.note("step", index, self.number(previous))
            if index == self.refuses:
                raise Refused
            if self.block:
                output = previous.copy()
                output[0] += 1
                return output
            return previous + 1

        return action

    def undo(self, index):
        async def compensation(output):
            if self.note:
                self.note("undo", index, self.number(output))

        return compensation

    def number(self, value):
        return value[0] if self.block else value

    def saga(self):
        builder = OrchestrationBuilder()
        for index in range(self.steps):
            builder.add_step(self.step(index), self.undo(index))
        return builder

    async def run(self, saga):
        try:
            return "completed", self.number(await saga.execute(self.input))
        except SagaError as error:
            assert not error.compensation_errors
            return "failed", error.step


async def sample(steps, saga, runs):
    start = time.perf_counter_ns()
    for _ in range(runs):
        await steps.run(saga)
    return (time.perf_counter_ns() - start) / runs


async def timed(case, seconds):
    steps = Steps(case)
    saga = steps.saga()
    await sample(steps, saga, 10)
    estimate = await sample(steps, saga, 10)
    runs = max(1, int(seconds * 1e9 / 10 / estimate))
    return statistics.median([await sample(steps, saga, runs) for _ in range(10)])


async def main(task, *arguments):
    if task == "time":
        seconds, *cases = arguments
        for case in cases:
            print(case, await timed(case, float(seconds)))
    elif task == "calls":
        for case in arguments:
            print("case", case)
            steps = Steps(case, note=print)
            print(*await steps.run(steps.saga()))
    else:
        sys.exit(f"no_op.py: there is no task `{task}`")


asyncio.run(main(*sys.argv[1:]))
