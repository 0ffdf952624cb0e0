//! Sends a request as often as it may be sent, until there is an answer.

use super::{
    answer::Answer,
    client::Http,
    failure::{Failure, is_expected},
    request::Request,
};

impl Http {
    /// Sends `request`, several times if that helps and if it is idempotent, and takes any answer
    /// that the page can read.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            let outcome = Answer::to(self, &request, attempt).await;
            let transient = match &outcome {
                Ok(answer) => answer.transient(),
                Err(failure) => failure.problem.transient(),
            };
            if outcome.is_ok() && transient.is_none() {
                self.earn_retries();
            }
            match transient.filter(|_| request.idempotent) {
                Some(transient) if self.prepare_retry(&request.name, &transient, attempt).await => {
                    attempt += 1;
                }
                _ => return outcome,
            }
        }
    }

    /// Sends `request` and takes an answer of one of the `expected` statuses. [`SUCCESS`](super::SUCCESS)
    /// stands for every status of success.
    pub async fn expect(&self, request: Request, expected: &[u16]) -> Result<Answer, Failure> {
        let answer = self.send(request).await;
        let answer = answer.map_err(|failure| failure.compared_with(expected))?;
        if is_expected(answer.status(), expected) {
            Ok(answer)
        } else {
            Err(answer.unexpected(expected).await)
        }
    }
}
