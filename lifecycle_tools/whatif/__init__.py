"""Stages under other thresholds than the published ones, and what that comes to."""

from __future__ import annotations


class WhatIfError(Exception):
    """Nothing can be compared; the message is a sentence for the user."""
