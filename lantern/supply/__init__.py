"""Supply: what this project is made of, under which licences, and what is known against it.

Runs in an environment of its own (.venv-audit, from requirements-audit.lock), so that the tools which judge the
service are no part of it. Imports nothing of Django and nothing of ours.
"""
