/** A ref for what takes the focus when it appears: that of what it takes the place of would be lost. */
export const focused = (element: HTMLElement | null) => {
  element?.focus({ preventScroll: true })
}
