"""Time that jumps from event to event: processes, events to wait for, resources with a queue.

A process is a generator. It yields a float to wait that many seconds, or an `Event` to wait for
it; what the event carried is what `yield` gives back. Nothing here knows what is simulated.
"""

import heapq
from collections import deque


class Event:
    """Something that happens once, with a value."""

    __slots__ = ("done", "value", "waiting")

    def __init__(self):
        self.done = False
        self.value = None
        self.waiting = None


class Failure(Exception):
    """A request that fails: status, what the exception is called, and whether it began here."""

    def __init__(
        self,
        http=500,
        grpc=13,
        type_name="error",
        message="internal error",
        origin=False,
        retry=True,
        dead=False,
        frame=None,
    ):
        super().__init__(message)
        self.http = http
        self.grpc = grpc
        self.type_name = type_name
        self.message = message
        self.origin = origin
        self.retry = retry
        # The replica died below the request: nobody is left to tell of it.
        self.dead = dead
        self.frame = frame

    @property
    def by_user(self):
        """Whether the user asked wrongly."""
        return self.http < 500


class Simulation:
    """The clock and what is due."""

    def __init__(self):
        self.now = 0.0
        self.due = []
        self.count = 0

    def at(self, time, act, *arguments):
        """Has something done at a time; what is due at the same time keeps its order."""
        self.count += 1
        heapq.heappush(self.due, (time, self.count, act, arguments))

    def after(self, seconds, act, *arguments):
        """Has something done after a while."""
        self.at(self.now + seconds, act, *arguments)

    def fire(self, event, value=None):
        """Lets an event happen, unless it has."""
        if event.done:
            return
        event.done = True
        event.value = value
        for process in event.waiting or ():
            self.at(self.now, self._advance, process, value)

    def spawn(self, generator):
        """Starts a process; its event carries ("ok", value) or ("failed", failure) at the end."""
        process = (generator, Event())
        self.at(self.now, self._advance, process, None)
        return process[1]

    def _advance(self, process, value):
        generator = process[0]
        try:
            while True:
                wanted = generator.send(value)
                if type(wanted) is float:
                    wait = wanted if wanted > 0 else 0.0
                    self.at(self.now + wait, self._advance, process, None)
                    return
                if wanted.done:
                    value = wanted.value
                    continue
                if wanted.waiting is None:
                    wanted.waiting = [process]
                else:
                    wanted.waiting.append(process)
                return
        except StopIteration as end:
            self.fire(process[1], ("ok", end.value))
        except Failure as failure:
            self.fire(process[1], ("failed", failure))

    def run(self, until):
        """Runs all that is due until a time."""
        due = self.due
        while due and due[0][0] <= until:
            self.now, _, act, arguments = heapq.heappop(due)
            act(*arguments)
        self.now = until


class Resource:
    """Places, and a queue before them: cores, workers, connections, a lock."""

    def __init__(self, simulation, places):
        self.simulation = simulation
        self.places = places
        self.used = 0
        self.queue = deque()

    def acquire(self, timeout=None):
        """An event that carries True with a place, or False after the timeout."""
        event = Event()
        if self.used < self.places:
            self.used += 1
            event.done = True
            event.value = True
        else:
            self.queue.append(event)
            if timeout:
                self.simulation.after(timeout, self.simulation.fire, event, False)
        return event

    def release(self):
        """Gives a place back, to the first in the queue that still waits."""
        self.used -= 1
        while self.queue and self.used < self.places:
            event = self.queue.popleft()
            if event.done:
                continue
            self.used += 1
            self.simulation.fire(event, True)

    def waiting(self):
        """How many wait."""
        return sum(1 for event in self.queue if not event.done)
