"""Numbers, dates, telephones and codes in the spellings that people use, brought into the house's.

A reader returns the house's spelling of what can be understood in one way only, and any other text as typed. A
``doubt_…`` returns why a text was not understood, "" when there is nothing particular to say.
"""
