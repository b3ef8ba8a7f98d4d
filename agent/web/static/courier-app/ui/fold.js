// Vietnamese text without its marks, for searching as people type.

/** @param {string} text @returns {string} "Đỗ Văn Đặng" -> "do van dang" */
export const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replaceAll("đ", "d").replaceAll("Đ", "D").toLowerCase().trim();
