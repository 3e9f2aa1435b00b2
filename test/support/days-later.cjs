/** Loaded before a program for which it is so many days later: those of DAYS_LATER. */
const Now = Date
const later = Number(process.env.DAYS_LATER) * 86_400_000

globalThis.Date = class Date extends Now {
  constructor(...given) {
    if (given.length === 0) super(Now.now() + later)
    else super(...given)
  }

  static now() {
    return Now.now() + later
  }
}
