"""The engine that is written to be read: the contract as a SimPy program."""

from govsim.engine.reference.office import run as run
