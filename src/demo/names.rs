//! Made-up companies: names put together from syllables and trades, so that none is anybody's.

use super::dice::Dice;

/// A sector of the economy, as far as the demo needs it.
pub struct Sector {
    /// Share of the book in per mille.
    weight: usize,
    /// Revenue per employee in US dollars.
    pub revenue_per_head: u64,
    /// Personal records held per employee.
    pub records_per_head: u64,
    /// Premium in per cent of that of an average sector.
    pub hazard: u64,
    /// Trades with their NAICS 2022 codes.
    trades: [(&'static str, &'static str); 5],
}

const fn sector(
    weight: usize,
    revenue_per_head: u64,
    records_per_head: u64,
    hazard: u64,
    trades: [(&'static str, &'static str); 5],
) -> Sector {
    Sector { weight, revenue_per_head, records_per_head, hazard, trades }
}

/// The book's mix: small and middle-sized commercial insureds. Assumption; close to no insurer's in particular.
#[rustfmt::skip]
static SECTORS: [Sector; 12] = [
    sector(160, 180_000, 60, 95, [("Advisory", "541611"), ("Engineering", "541330"), ("Law", "541110"), ("Accounting", "541211"), ("Surveying", "541370")]),
    sector(140, 320_000, 20, 100, [("Castings", "331511"), ("Plastics", "326199"), ("Instruments", "334519"), ("Foods", "311999"), ("Machine Works", "333517")]),
    sector(130, 150_000, 900, 130, [("Dental", "621210"), ("Family Clinic", "621111"), ("Physiotherapy", "621340"), ("Care Homes", "623110"), ("Diagnostics", "621511")]),
    sector(130, 270_000, 600, 105, [("Hardware", "444140"), ("Outfitters", "458110"), ("Garden Supply", "444240"), ("Books", "459210"), ("Grocers", "445110")]),
    sector(100, 290_000, 8, 75, [("Construction", "236220"), ("Roofing", "238160"), ("Electrical", "238210"), ("Plumbing", "238220"), ("Paving", "237310")]),
    sector(80, 420_000, 700, 125, [("Credit Union", "522130"), ("Insurance Agency", "524210"), ("Asset Management", "523940"), ("Mortgage", "522310"), ("Savings", "522180")]),
    sector(60, 560_000, 25, 90, [("Lumber Supply", "423310"), ("Wholesale", "424490"), ("Parts", "423120"), ("Chemicals", "424690"), ("Paper", "424130")]),
    sector(50, 110_000, 350, 115, [("Academy", "611110"), ("College", "611310"), ("Language School", "611630"), ("Training", "611430"), ("Tutoring", "611691")]),
    sector(50, 210_000, 15, 95, [("Freight", "484121"), ("Logistics", "488510"), ("Couriers", "492110"), ("Storage", "493110"), ("Coaches", "485510")]),
    sector(40, 90_000, 500, 100, [("Hotels", "721110"), ("Catering", "722320"), ("Kitchens", "722511"), ("Leisure", "713940"), ("Theatres", "711110")]),
    sector(35, 240_000, 800, 135, [("Software", "513210"), ("Hosting", "518210"), ("Publishing", "513120"), ("Studios", "512110"), ("Telecom", "517121")]),
    sector(25, 260_000, 120, 85, [("Realty", "531210"), ("Property Management", "531311"), ("Equipment Rental", "532412"), ("Parking", "812930"), ("Foundation", "813211")]),
];

const STARTS: [&str; 28] = [
    "Abren", "Aldra", "Brask", "Brindle", "Cobbel", "Corrin", "Dorn", "Eldra", "Fenno", "Garrow", "Hask", "Ister",
    "Jorra", "Kelda", "Larken", "Merrow", "Norrin", "Orla", "Penna", "Quorra", "Rusk", "Sorrel", "Tarn", "Ulver",
    "Varr", "Wenlo", "Yarrin", "Zell",
];
const ENDS: [&str; 14] = [
    "bridge", "combe", "dale", "fell", "garth", "holt", "leigh", "firth", "mere", "moor", "quay", "stow", "wick",
    "worth",
];

/// Country, share of the book in per mille, legal forms.
const COUNTRIES: [(&str, usize, [&str; 3]); 5] = [
    ("US", 780, ["Inc", "LLC", "Corp"]),
    ("GB", 90, ["Ltd", "Ltd", "LLP"]),
    ("CA", 60, ["Inc", "Ltd", "Ltd"]),
    ("AU", 40, ["Pty Ltd", "Pty Ltd", "Ltd"]),
    ("DE", 30, ["GmbH", "GmbH", "AG"]),
];

/// A company by name and trade.
pub struct Company {
    /// Name with its legal form.
    pub name: String,
    /// The name without it, as a DNS label.
    pub label: String,
    /// NAICS code.
    pub naics: &'static str,
    /// ISO 3166 code.
    pub country: &'static str,
    /// Its sector.
    pub sector: &'static Sector,
}

/// The company of this number; `is_taken` tells labels that others have.
pub fn company(number: usize, dice: Dice, is_taken: impl Fn(&str) -> bool) -> Company {
    let sector = &SECTORS[dice.weighted("sector", number, &SECTORS.each_ref().map(|s| s.weight))];
    let (trade, naics) = *dice.pick("trade", number, &sector.trades);
    let (country, _, forms) = COUNTRIES[dice.weighted("country", number, &COUNTRIES.map(|c| c.1))];
    let form = dice.pick("legal form", number, &forms);
    let stems = STARTS.len() * ENDS.len();
    let first = dice.below("first word", number, stems);
    let stem = |at: usize| format!("{}{}", STARTS[at / ENDS.len() % STARTS.len()], ENDS[at % ENDS.len()]);
    let label = |stem: &str| format!("{stem} {trade}").to_lowercase().replace(' ', "-");
    let free = (first..first + stems).map(stem).find(|stem| !is_taken(&label(stem))).unwrap_or_default();
    Company { name: format!("{free} {trade} {form}"), label: label(&free), naics, country, sector }
}
