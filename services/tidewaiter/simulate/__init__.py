"""Believable express traffic with known cases planted in it, so that screening can be shown and measured."""
