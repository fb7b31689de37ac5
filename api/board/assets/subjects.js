// The subjects of the board, in the order of the navigation. To add one: see doc.go.
import { notices } from "./notices.js";
import { provincesSubject } from "./provinces.js";

export const subjects = [notices, provincesSubject];
