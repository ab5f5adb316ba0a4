//! Who handles each domain's mail in the demo, and how much of it a scan looked at.

use super::dice::Dice;

/// Published shares of primary MX of popular domains in March 2021: Google, Microsoft 365, Mimecast, Proofpoint (MX
/// provider archive over the Tranco top million).
pub const SHARES: [f64; 4] = [0.1881, 0.0734, 0.0079, 0.0074];

/// A mail filter in front of the mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// No filter: MX records name the host of the mailboxes.
    None,
    /// Mimecast.
    Mimecast,
    /// Mimecast's South African region, which has a domain of its own.
    MimecastAfrica,
    /// Proofpoint.
    Proofpoint,
    /// Barracuda.
    Barracuda,
}

/// Where the mailboxes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Google Workspace.
    Google,
    /// Microsoft 365.
    Microsoft,
    /// GoDaddy.
    GoDaddy,
    /// Rackspace.
    Rackspace,
    /// A mail server of the insured's own.
    Own,
    /// An Exchange server of the insured's own, with an autodiscover host.
    Exchange,
    /// A host whose name ends almost like Mimecast's.
    LookAlike,
    /// An MX record that names `localhost`: a mistake seen in real zones.
    Localhost,
    /// A null MX (RFC 7505): the domain takes no mail.
    Nowhere,
    /// The domain does not exist.
    Missing,
}

/// How much the scans of the demo looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// MX, TXT, autodiscover, some DKIM selectors (dnsx).
    Full,
    /// MX alone (zdns): what stands behind a gateway stays hidden.
    MxOnly,
    /// Nothing at all.
    Never,
}

/// A domain's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The filter in front.
    pub gateway: Gateway,
    /// The mailboxes behind.
    pub host: Host,
    /// What was scanned of it.
    pub depth: Depth,
    /// Number among domains with the same mail, from 0: it varies the records.
    pub turn: usize,
}

impl Mail {
    /// Mimecast in front of Microsoft 365: what the event of the demo is about.
    pub fn is_both(self) -> bool {
        matches!(self.gateway, Gateway::Mimecast | Gateway::MimecastAfrica) && self.host == Host::Microsoft
    }
}

/// The mail of each of `total` domains, the first `own` of which are somebody's main domain; only those get a gateway.
///
/// Counts are quotas of the domains at which a scan finds an MX record, handed out in shuffled order.
pub fn hand_out(total: usize, own: usize, dice: Dice) -> Vec<Mail> {
    let groups = groups(total);
    let gateways = groups.iter().filter(|(_, gateway, ..)| *gateway != Gateway::None).map(|(n, ..)| n).sum();
    let shuffled = dice.shuffled("mail", total);
    let front: Vec<usize> = shuffled.iter().copied().filter(|domain| *domain < own).take(gateways).collect();
    let rest = shuffled.iter().filter(|domain| !front.contains(domain));
    let mails = groups.iter().flat_map(|(n, gateway, host, depth)| {
        (0..*n).map(|turn| Mail {
            gateway: *gateway,
            host: *host,
            depth: sometimes_mx_only(*gateway, *depth, turn),
            turn,
        })
    });
    let mut handed: Vec<(usize, Mail)> = front.iter().chain(rest).copied().zip(mails).collect();
    handed.sort_by_key(|(domain, _)| *domain);
    handed.into_iter().map(|(_, mail)| mail).collect()
}

/// How many domains have which mail, those with a gateway first. Of Mimecast's and Proofpoint's quotas, eight each are
/// not plainly in front of Microsoft 365; 38 of the other hosts are Barracuda's users and the odd ones.
fn groups(total: usize) -> Vec<(usize, Gateway, Host, Depth)> {
    use {Depth::*, Gateway::*, Host::*};
    let (never, nowhere, missing) = (total * 3 / 100, 24, 6);
    let with_mx = total - never - nowhere - missing;
    let [google, microsoft, mimecast, proofpoint] = SHARES.map(|share| (share * with_mx as f64).round() as usize);
    let other = with_mx - google - microsoft - mimecast - proofpoint;
    let [godaddy, rackspace, exchange] = [20, 6, 15].map(|percent| other * percent / 100);
    vec![
        (mimecast - 8, Mimecast, Microsoft, Full),
        (1, MimecastAfrica, Microsoft, Full),
        (4, Mimecast, Microsoft, MxOnly),
        (2, Mimecast, Exchange, Full),
        (1, Mimecast, Google, Full),
        (proofpoint - 8, Proofpoint, Microsoft, Full),
        (8, Proofpoint, Exchange, Full),
        (15, Barracuda, Microsoft, Full),
        (20, Barracuda, Own, Full),
        (google, None, Google, Full),
        (microsoft, None, Microsoft, Full),
        (godaddy, None, GoDaddy, Full),
        (rackspace, None, Rackspace, Full),
        (exchange, None, Exchange, Full),
        (1, None, LookAlike, Full),
        (2, None, Localhost, Full),
        (other - godaddy - rackspace - exchange - 38, None, Own, Full),
        (nowhere, None, Nowhere, Full),
        (missing, None, Missing, Full),
        (never, None, Own, Never),
    ]
}

/// Every sixteenth domain without a gateway is one that only the MX scan reached.
fn sometimes_mx_only(gateway: Gateway, depth: Depth, turn: usize) -> Depth {
    if gateway == Gateway::None && depth == Depth::Full && turn % 16 == 9 { Depth::MxOnly } else { depth }
}
