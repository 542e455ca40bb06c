import { expect, it } from 'vitest'
import { firstCells } from './lines'

it.each([
  ['203.0.113.9,spam\r\n203.0.113.10,again', '203.0.113.9\n203.0.113.10'],
  ['value,reason\n"AS64500",x', '\nAS64500'],
  ['\uFEFFip\n1.2.3.4', '\n1.2.3.4'],
  ['2001:db8::/64;a', '2001:db8::/64'],
  ['"a ""b"", c",d', 'a "b", c'],
  ['# remark\n\nDE', '# remark\n\nDE'],
])('of a CSV file the first column is read: %j', (csv, lines) => {
  expect(firstCells(csv)).toBe(lines)
})
