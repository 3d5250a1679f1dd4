"""Printed map sheets at a true round scale."""
