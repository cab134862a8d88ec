"""Prescriptions in the eRx register."""
