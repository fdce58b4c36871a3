"""Upgrade: brings the tables to this version, beside a running line where that is safe, and never without a backup."""
