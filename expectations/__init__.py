"""Contracts of the datasets and the gate that holds the tables to them.

    contracts/<layer>/<name>.odcs.yaml ─▶ contract.py ─▶ Iceberg schema, what changes results, what a verdict depends on
                                              │
                                              └─▶ suite.py ─▶ gate.py ─▶ one CheckResult for each rule

The quality engine and the contract toolkit take seconds to import, so they are imported where they are used.
"""
