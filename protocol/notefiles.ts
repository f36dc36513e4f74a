/** The inbound queue of announcements; a plain `.qi`, since `card.attn` cannot watch `.qis` or `.dbx`. [NF-2.2] */
export const ANNOUNCEMENT_NOTEFILE = "file-update.qi";

/** The outbound queue of receipts. [NF-9.6] */
export const RECEIPT_NOTEFILE = "file-status.qo";
