import type { Overlay } from '../../compositor/index.ts'

/** What of a camera's pictures can be shown. */
export const pictureChannels = ['rgb', 'depth', 'segmentation'] as const
export type PictureChannel = (typeof pictureChannels)[number]

/** What can be drawn over pictures. */
export const pictureOverlays: readonly Overlay[] = ['boxes', 'labels', 'paths', 'minimap']

/** The files that pictures can be written to, by the ending of their name. */
export const pictureEndings = ['mp4', 'webm', 'gif', 'png', 'y4m'] as const
export type PictureEnding = (typeof pictureEndings)[number]
