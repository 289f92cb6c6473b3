"""The semantics of the Python reference (cdddg/py-saga-orchestration), in our own words.

Steps run in order, each given the result of the one before it. When one raises, the compensations of
those before it run in reverse, each given the result of its own step; their errors are collected.
"""

import inspect
import traceback


class SagaError(Exception):
    def __init__(self, step, error, trace, compensation_errors):
        super().__init__(f"step {step} failed: {error!r}")
        self.step, self.error, self.trace = step, error, trace
        self.compensation_errors = compensation_errors


class OrchestrationBuilder:
    def __init__(self):
        self.steps = []

    def add_step(self, action, compensation):
        self.steps.append((action, compensation))
        return self

    async def execute(self, *arguments):
        results = []
        for index, (action, _) in enumerate(self.steps):
            try:
                results.append(await called(action, *(results[-1:] or arguments)))
            except Exception as error:
                errors = await self.compensate(results)
                raise SagaError(index, error, traceback.format_exc(), errors) from error
        return results[-1]

    async def compensate(self, results):
        errors = {}
        for index in reversed(range(len(results))):
            try:
                await called(self.steps[index][1], results[index])
            except Exception as error:
                errors[index] = error
        return errors


async def called(function, *arguments):
    result = function(*arguments)
    return await result if inspect.isawaitable(result) else result
