/** What a hero observes: elements from -1 to 1, in these parts, in this order. */

/** About the hero itself. */
export const ownElements = 10
/** The slope of the land in the directions of actions 1 to 8. */
export const slopeElements = 8
/** Each agent it sees: the way there in parts of its sight, east and north, and how near it is. All 0 where there is none. */
export const seenElements = 3
export const enemiesSeen = 5
export const gemsSeen = 3
export const alliesSeen = 2

export const observationElements = ownElements + slopeElements + seenElements * (enemiesSeen + gemsSeen + alliesSeen)
