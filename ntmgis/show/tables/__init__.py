"""Tables as products: the status workbook, the intake reports, the Excel forms, and CSV."""
