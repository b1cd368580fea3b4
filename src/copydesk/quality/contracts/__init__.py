"""Data contracts (ODCS): the warehouse written as one, and one of the user read as rules of the gate."""
