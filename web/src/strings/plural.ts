// How a language writes numbers and counts things. A language with more forms
// than two brings a count of its own with its texts.
const rules = new Intl.PluralRules('en')
const whole = new Intl.NumberFormat('en')

export const number = (n: number) => whole.format(n)

/** "1 license", "2 licenses", "1,000 licenses". */
export const count = (n: number, one: string, other: string) => `${number(n)} ${rules.select(n) === 'one' ? one : other}`
