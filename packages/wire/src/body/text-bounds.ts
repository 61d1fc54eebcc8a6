/** Whether a text takes at most `max` bytes of UTF-8; looks at its characters only when it has to. */
export const fitsUtf8 = (text: string, max: number): boolean => {
  if (text.length * 3 <= max) return true
  if (text.length > max) return false
  let bytes = text.length
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    // A surrogate is half of four bytes, so two for each.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes <= max
}

/** 1–255 characters, none of them a control character or half of one. */
export const PRINTABLE_KEY = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]{1,255}$/u
