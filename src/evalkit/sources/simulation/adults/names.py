"""Names and streets that made-up students bear in exports, for readers to leave behind."""

WOMENS_NAMES = (
    "Amina", "Anna", "Asha", "Elena", "Fadumo", "Fatuma", "Hiba", "Ikram", "Karin", "Layla", "Malin", "Mariam",
    "Nadia", "Olena", "Rania", "Samira", "Selam", "Sofia", "Zahra", "Åsa",
)  # fmt: skip
MENS_NAMES = (
    "Abdi", "Ahmad", "Anders", "Bilal", "Dawit", "Erik", "Farhad", "Hassan", "Ibrahim", "Johan", "Khaled", "Mehdi",
    "Mikael", "Omar", "Samuel", "Serhij", "Tesfay", "Yusuf", "Zaid", "Örjan",
)  # fmt: skip
CLOSE_NAMES = ("Alex", "Kim")
FAMILY_NAMES = (
    "Abdullahi", "Ahmadi", "Al-Masri", "Andersson", "Bergman", "Bondarenko", "Farah", "Gebremedhin", "Haddad",
    "Hosseini", "Ibrahim", "Johansson", "Kovalenko", "Lindqvist", "Mohamud", "Nilsson", "Osman", "Rahimi", "Sjögren",
    "Tekle", "Yilmaz", "Öhman",
)  # fmt: skip
STREETS = (
    "Björkvägen", "Norra Strandgatan", "Fältgatan", "Kaserngatan", "Mårtensgatan", "Skolgränd", "Åvägen",
    "Östra Torggatan",
)  # fmt: skip
