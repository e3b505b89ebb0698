/** The passwords that the range service of the tests knows, and how often breaches had them; 0 is padding. */
export const breaches = {
  'breached horse battery': 3,
  'breached fish battery': 12_345_678,
  'padded horse battery': 0,
}
