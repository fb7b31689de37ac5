// The subjects of the board, in the order of the navigation. To add one: see doc.go.
import { consultations } from "./consultations.js";
import { notices } from "./notices.js";
import { provincesSubject } from "./provinces.js";
import { recalls } from "./recalls.js";
import { myShops, shops } from "./shops.js";

export const subjects = [notices, recalls, shops, myShops, consultations, provincesSubject];
